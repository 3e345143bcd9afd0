"""How values stand in requests and answers: parameter styles, XML, the choice of a media type."""
