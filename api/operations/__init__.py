"""What people do with the archive, one function a use case: called by pages, JSON and command line alike.

Each that shows an original or changes what others rely on writes its audit line itself, in the same transaction as the
change or before a word leaves. They know no HTTP and no terminal: who may do it is asked before, in ``api.kit.deps``;
``by`` is how the trail names who did it, a login or ``cli:<account>``.
"""
