"""NexusLIMS notifier for Slack, Teams, Mattermost and whatever else Apprise reaches."""
