"""iCalendar: entries serialised in the transaction that changes them, and the feeds joined from them."""
