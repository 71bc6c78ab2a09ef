"""What is measured: quality on labelled data, speed as ratios within one run, faults; and the training."""

import services  # noqa: F401  (it sets what numpy reads when first imported, by whichever module that is)
