"""The joint conference (小区联席会议): party, committee and trustee discuss an item in four stages.

What it says binds nobody: matters the owners decide still go to a vote. It shows where a budget, a
resolution or a payment came from, and which stage was left out.
"""

from ledger.conference.course import Attendance, Meeting, NewItem, propose, record_meeting, skip_stage
from ledger.conference.model import Body, Stage, bodies, stages
from ledger.conference.read import ConferenceItem, ItemRow, list_items, read_item
from ledger.conference.tasks import NewTask, TaskRow, add_task, open_tasks, settle_task

__all__ = [
    "Attendance",
    "Body",
    "ConferenceItem",
    "ItemRow",
    "Meeting",
    "NewItem",
    "NewTask",
    "Stage",
    "TaskRow",
    "add_task",
    "bodies",
    "list_items",
    "open_tasks",
    "propose",
    "read_item",
    "record_meeting",
    "settle_task",
    "skip_stage",
    "stages",
]
