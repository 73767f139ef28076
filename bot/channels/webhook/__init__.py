"""A receiver of the operator's own: messages as JSON over https."""
