"""The isolated engine: a warm zygote, the student process, the bridge and the trusted test process."""
