"""The evaluation page: an annotator's items in a campaign, one after the other."""
