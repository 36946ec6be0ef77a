"""What plots compute from curves: smoothing, decimation, ranges. numpy only."""
