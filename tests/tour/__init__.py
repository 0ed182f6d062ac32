"""A walk through the main job: three people, two phones and a provider, over HTTP against a freshly started server."""
