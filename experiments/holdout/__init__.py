"""Markets calibrated on a part of real data, held against the part that they have not seen.

`cdnow`: a transaction log, in time. `journey`: a panel of households, in people. Each is a command:

    python -m experiments.holdout.cdnow calibrate|page
    python -m experiments.holdout.journey calibrate|page
"""
