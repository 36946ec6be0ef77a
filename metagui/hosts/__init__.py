"""Where a run executes: in a child process (the default) or, chosen explicitly, in a thread of this one."""

from metagui.hosts.base import Delivery, Host, Inbox, WorkerLost, new_inbox
from metagui.hosts.child import INTERACTIVE_NICE, TRAINING_NICE, ChildHost
from metagui.hosts.in_thread import InThreadHost

__all__ = [
    "INTERACTIVE_NICE",
    "TRAINING_NICE",
    "ChildHost",
    "Delivery",
    "Host",
    "InThreadHost",
    "Inbox",
    "WorkerLost",
    "new_inbox",
]
