"""Whether labelling the texts that `triage next` chooses teaches more than labelling as many drawn by chance."""
