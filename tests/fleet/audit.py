"""Audits many card images with Apache Spark: audit.py SOURCES LINES [PARTS]

SOURCES is a file with one path a line, as every worker sees it; LINES is the folder the lines go to.
"""

import os
import sys

from pyspark.sql import SparkSession

sources, lines = sys.argv[1:3]
parts = int(sys.argv[3]) if len(sys.argv) > 3 else 8
spark = SparkSession.builder.appName("bitbox-backup").getOrCreate()
cards = spark.sparkContext.textFile(sources, parts)
# Spark starts the program without an environment, so it would not be found by its name.
audited = cards.pipe(
    "bitbox-backup audit --ndjson --quiet --files-from -", env=dict(os.environ)
)
audited.saveAsTextFile(lines)
spark.stop()
