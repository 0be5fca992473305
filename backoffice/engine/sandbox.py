"""The sandbox in which the worker plays the processes."""

from __future__ import annotations

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info


def runner(*passed_through: str) -> SandboxedWorkflowRunner:
    """The sandbox, without a copy of these modules for each case. The processes are pure by import-linter's word, and
    one test plays them all in the whole sandbox."""
    return _Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules("msgspec", *passed_through))


class _Runner(SandboxedWorkflowRunner):
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(super().create_instance(det))


class _Instance(WorkflowInstance):
    """A case in the sandbox, which is entered to play it and for nothing else.

    The SDK asks an instance several times for each payload in which context it is converted, and the sandboxed instance
    enters the sandbox for each answer. Our converter and codec (`converter.py`, `codec.py`) know no contexts, and we
    have no external storage, so the answer is always none.
    """

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: object) -> None:
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        return _NO_STORAGE

    def get_info(self) -> Info:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()


_NO_STORAGE = StorageDriverStoreContext(target=None)
