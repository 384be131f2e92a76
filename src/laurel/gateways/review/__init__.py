"""After-action reviews as files: archives read and checked, figures drawn, one content as HTML and as PDF."""
