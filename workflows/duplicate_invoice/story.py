"""Duplicate of a VAT invoice: OPENED (by the customer in the portal, or by the desk with the code of a caller) → MADE
(the file is kept, and waits in the portal; a mail to the address on file says so) → DONE.

It cannot be sent anywhere else: whoever has a new address changes that first, in a case of its own.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Nothing
from workflows.duplicate_invoice.spec import DUPLICATE_INVOICE, MAKE, READY_NOTICE, DuplicateStage


@workflow.defn(name=DUPLICATE_INVOICE.name)
class DuplicateInvoice(Process[Nothing]):
    spec = DUPLICATE_INVOICE

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.enter(DuplicateStage.MADE)
        await self.do(MAKE, Nothing())
        self.notify(READY_NOTICE)
