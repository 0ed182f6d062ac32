"""Does Steadfast keep its promises? The tests mirror the rooms; each is a sentence about care."""
