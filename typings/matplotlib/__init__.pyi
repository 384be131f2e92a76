"""What Laurel uses of matplotlib, typed; the package leaves much of it unknown."""

rcParams: dict[str, object]
