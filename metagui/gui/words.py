"""Numbers and states as people say them."""

from __future__ import annotations

from metagui.events import Paused


def duration_text(seconds: float) -> str:
    """``8 s``, ``1 min 20 s``, ``2 h 05 min``, ``3 days 4 h``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} days {whole % 86400 // 3600} h"


def bytes_text(count: int) -> str:
    """``412 MB``, ``1.3 GB``."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def memory_text(held: int, total: int) -> str:
    """``412 MB of 15.3 GB``; empty while nothing is known."""
    if not held:
        return ""
    return f"{bytes_text(held)} of {bytes_text(total)}" if total else bytes_text(held)


def rate_text(tasks_per_second: float) -> str:
    """``41.2 tasks/s``, ``1,240 tasks/s``."""
    number = f"{tasks_per_second:.1f}" if tasks_per_second < 100 else f"{tasks_per_second:,.0f}"
    return f"{number} tasks/s"


def step_text(step: int, total: int) -> str:
    """``meta-step 1,240 of 10,000``."""
    return f"meta-step {step:,} of {total:,}" if total else f"meta-step {step:,}"


def state_text(state: str, run_id: str) -> str:
    """What the controller's state means, in a few words."""
    return {
        "idle": "Ready",
        "starting": "Starting the engine…",
        "running": f"Training {run_id}",
        "pausing": "Holding at the next boundary…",
        "paused": "Paused",
        "stopping": f"Stopping {run_id} and saving it…",
    }[state]


def paused_text(event: Paused, inner_steps: int, meta_batch_size: int) -> str:
    """Where exactly training holds."""
    number = f"{event.step + 1:,}"
    match event.unit:
        case "inner_step":
            return f"Paused after inner step {event.inner_step} of {inner_steps} of meta-step {number}"
        case "task":
            return f"Paused after task {event.task} of {meta_batch_size} of meta-step {number}"
        case "meta_update":
            return f"Paused after meta-step {event.step:,}"
