"""Intake forms: from declared fields to a form, its versions, answers and rosters."""
