"""What plots and reports compute from curves: smoothing, decimation, ranges, intervals. numpy only."""
