"""What a pass over a service came to."""

from dataclasses import dataclass

from moorage.core.step import Step
from moorage.operator.told import Finding


@dataclass(frozen=True)
class Outcome:
    """The step, and why it could not be done when it could not."""

    step: Step
    failure: Finding | None = None
    was_tried_in_vain: bool = False
    """It failed, and so lately that nobody is told yet."""

    @property
    def was_done(self) -> bool:
        """Whether the step was taken, or is one that only waits."""
        return self.failure is None and not self.was_tried_in_vain

    @property
    def is_refused(self) -> bool:
        return self.failure is not None and self.failure.needs_somebody
