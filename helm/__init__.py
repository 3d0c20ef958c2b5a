"""The umbrella chart, the model of its values and the checks of both. Nothing of the platform imports this."""
