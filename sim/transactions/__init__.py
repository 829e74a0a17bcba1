"""Transaction logs: who bought on which day, read from the files that shops export.

`sim.transactions.log.read` turns a `LogFile` (the file, and what its columns mean) into a `Log`. A
log is read once in a process. What cannot be understood is refused, with its line; what is left out
is counted, with the reason, in `Log.notes`.
"""
