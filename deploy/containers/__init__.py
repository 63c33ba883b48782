"""The deployment in containers: its secrets as files, the operator's one-shots, and the health command.

Compose (`deploy/compose.yaml`) starts these by the image's entry script; the parts they use are those of `deploy.local`.
"""
