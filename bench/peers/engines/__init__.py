"""The engines that are compared with Dinghy, each in a module of its own.

Every module has a class Engine(net, form, folder, precision) that makes its model of one form (network.FORMS) in
`folder`, ready to run on one thread, and whose call engine(request) takes the ids as NumPy arrays by name and returns
the scores: what is timed.
"""
