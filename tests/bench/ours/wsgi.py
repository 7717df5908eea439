from marketplace.wsgi import application

__all__ = ["application"]
