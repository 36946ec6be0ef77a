"""Why a difference in one field of the protocol may move the number."""

from __future__ import annotations

REASONS = {
    "task.name": "Another task family is another question: these numbers cannot be compared.",
    "task.n_way": "More classes are harder to tell apart: numbers of different ways cannot be compared.",
    "task.k_shot": "More examples to adapt on make a task easier: numbers of different shots cannot be compared.",
    "task.n_query": "With batch norm on each batch the queries help each other: more of them, or fewer, move the "
    "number by a point or two. They also decide how finely a task's accuracy is told.",
    "task.rotations": "Turned characters are four times as many classes to train on.",
    "task.split": "Which characters are held out: whole alphabets are farther from what was trained on.",
    "task.within": "Characters of one alphabet look more alike and are harder to tell apart.",
    "task.amplitude_min": "The range of the tasks decides how hard they are and how large an error is.",
    "task.amplitude_max": "The squared error grows with the square of the amplitudes.",
    "task.phase_max": "The range of the phases decides how much the tasks differ.",
    "task.noise": "Noise on the support targets is an error that no adaptation removes.",
    "model.name": "Another network has another capacity and other features.",
    "model.filters": "Wider networks usually adapt better, and take longer.",
    "model.downsampling": "What papers call Conv4 are several networks; their numbers differ by points.",
    "model.norm_mode": "Whether queries are normalised together is worth points: often more than the algorithm.",
    "model.hidden": "Another width or depth is another capacity.",
    "model.activation": "Another nonlinearity is another network.",
    "algorithm.name": "It is another algorithm: the comparison is between methods, no reproduction.",
    "algorithm.inner_lr": "The inner rate decides how far a step adapts the network.",
    "algorithm.inner_steps": "The network is trained to be good after this many inner steps.",
    "algorithm.evaluation_steps": "More steps at the test usually help a little, and the paper's number is told after "
    "its own.",
    "algorithm.proximal_lambda": "λ decides how far adaptation may go, and how exact the implicit gradient is.",
    "algorithm.inner_solver": "Another solver comes closer to the inner optimum, or less close.",
    "algorithm.solver": "The meta-gradient is as exact as the solution of its linear system.",
    "algorithm.cg_steps": "Fewer CG steps leave a larger residual in the meta-gradient.",
    "outer.name": "Another outer optimizer trains at another pace.",
    "outer.outer_lr": "The outer rate decides how fast and how steadily training goes.",
    "outer.steps": "Shorter training usually ends short of the published number.",
    "outer.meta_batch_size": "Fewer tasks a step make noisier meta-gradients; per step, more tasks are seen.",
    "outer.lr_schedule": "A rate that falls to zero ends closer to the optimum than a constant one.",
    "outer.gradient_clip": "Clipping tames rare large meta-gradients.",
    "compute.dtype": "Coarser arithmetic may cost a little accuracy.",
}
"""By field path. Where there is none, the field's own help text has to do."""
