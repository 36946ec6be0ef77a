"""The form that edits an experiment, generated from ``metagui.config``."""

from metagui.gui.form.experiment_form import ExperimentForm

__all__ = ["ExperimentForm"]
