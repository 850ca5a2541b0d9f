"""Which characters are meant: what terminals, printers and type cases put in the place of plain letters."""
