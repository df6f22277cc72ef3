"""The pages of booking: what each shows, its forms, its views. `core/booking/{views,manage}.py` give them addresses."""
