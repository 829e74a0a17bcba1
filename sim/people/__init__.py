"""People: how they need, choose, buy, judge, talk, tire and leave."""
