"""Notifiers that come with core: e-mail and webhooks."""
