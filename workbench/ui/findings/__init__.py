"""The findings panel: verdict, findings, assumptions."""
