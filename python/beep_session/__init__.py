"""What runs inside an environment: the template that forks sessions, and the session that runs a user's code.

Standard library only, CPython 3.9 and later. Everything is imported before the first fork, so that user code which
changes `sys.path`, `sys.modules` or a module's functions changes nothing for us.
"""
