"""The inspector panel: values of what is selected."""
