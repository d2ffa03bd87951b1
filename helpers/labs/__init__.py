"""Labs: pictures with controls, bound to the data or the model of a lesson; one module a lab, and what they share."""
