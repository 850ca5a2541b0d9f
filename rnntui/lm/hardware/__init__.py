"""What the machine can do: devices, arithmetic, speed, several processes."""
