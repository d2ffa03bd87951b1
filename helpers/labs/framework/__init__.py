"""What every lab is built from: the lab, its controls, its picture, and the training in the background."""
