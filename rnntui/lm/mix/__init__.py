"""The predictors beside the network (counting, recent tokens) and the mixture of all of them."""
