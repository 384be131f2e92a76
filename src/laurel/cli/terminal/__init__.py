"""The hotline on a bare terminal: `laurel talk`. Imported by that verb alone, since Textual is heavy."""
