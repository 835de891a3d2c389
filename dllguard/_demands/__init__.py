"""What files demand of a machine, by what they import, name and were built with."""
