import sys

from dinghy_train.cli import main

sys.exit(main())
