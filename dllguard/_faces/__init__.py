"""What a report looks like elsewhere: a page, a tree on a terminal, annotations."""
