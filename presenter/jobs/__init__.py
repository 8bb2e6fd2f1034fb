"""Jobs: videos that were asked for and will be made, whatever happens to the process that took the order.

    door --submit--> ledger (a row, on disk) --send--> queue "lessons" --take--> worker
                                                                         |  pipeline.render in a child process
                       queue "pieces" <--one for each missing piece------'  (speaks, plans, joins, publishes)
                            '--take--> any worker: draws in a child process, keeps the piece in the store

The ledger is what doors read and write; they never talk to a worker. DBOS keeps the queues and gives the work
of a process that is gone to another one; which work is left is never its business, because every step asks
the store first. ``ledger`` has the rows, ``orders`` takes orders in, ``worker`` does the work in ``slots``
(warm child processes), ``lesson`` is what happens in such a process.
"""

from presenter.jobs.job import Failure, Job

__all__ = ["Failure", "Job"]
