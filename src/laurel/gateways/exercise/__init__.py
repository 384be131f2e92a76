"""An exercise held on this machine from beginning to end, without people: stepped, ended, reviewed."""
