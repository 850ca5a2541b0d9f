"""Files to the token ids of a corpus, in several processes where that pays."""
