"""The tasks extension, as an author of an extension writes it for the official Python client."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

import mcp_types as types
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim

ENDS = ("completed", "failed", "cancelled")



class CreateTaskResult(types.Result):
    result_type: Literal["task"]
    task_id: str
    status: str
    poll_interval_ms: int | None = None


class Told(types.Result):
    result_type: str = "complete"
    status: str = ""
    poll_interval_ms: int | None = None
    input_requests: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class TaskParams(types.RequestParams):
    task_id: str


class Answers(TaskParams):
    input_responses: dict[str, Any]


class GetTask(types.Request[TaskParams, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    params: TaskParams
    name_param = "taskId"


class UpdateTask(types.Request[Answers, Literal["tasks/update"]]):
    method: Literal["tasks/update"] = "tasks/update"
    params: Answers
    name_param = "taskId"


class Tasks(ClientExtension):
    identifier = "io.modelcontextprotocol/tasks"

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=CreateTaskResult, resolve=follow)]


async def follow(task: CreateTaskResult, ctx: ClaimContext) -> types.CallToolResult:
    """Asks until the task has ended, and answers what it asks."""
    answered: set[str] = set()
    while True:
        told = await ctx.session.send_request(GetTask(params=TaskParams(task_id=task.task_id)), Told)
        if told.status == "completed":
            return types.CallToolResult.model_validate(told.result)
        if told.status in ENDS:
            raise RuntimeError(f"the task {told.status}: {told.error}")
        asked = {key: ask for key, ask in (told.input_requests or {}).items() if key not in answered}
        if asked:
            answers = {key: {"action": "accept", "content": {"confirm": True}} for key in asked}
            params = Answers(task_id=task.task_id, input_responses=answers)
            await ctx.session.send_request(UpdateTask(params=params), Told)
            answered.update(asked)
        await asyncio.sleep((told.poll_interval_ms or 200) / 1000)
