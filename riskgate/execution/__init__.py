"""How approved orders become messages: pure, with time passed in."""
