"""The kinds of study, and what each is for. Light to import, for the command line."""

KINDS = {
    "run": "Run a market: a study file with `study: run`, or a bare market file.",
    "compare": "Compare arms of a study by paired replicates.",
    "tournament": "Run strategies against each other, to see which survives.",
    "sweep": "See how results change over a grid or a sample of parameters.",
    "sensitivity": "Find which parameters drive a response, and how sure that is.",
    "calibrate": "Find which markets the data do not rule out: an ensemble, and what it fixes.",
}
