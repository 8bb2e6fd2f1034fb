# Not tested where it was written: there was no Docker. The commands in it were.
FROM python:3.11-slim
RUN useradd --create-home presenter
WORKDIR /app
COPY requirements.txt pyproject.toml README.md LICENSE NOTICE ./
RUN pip install --no-cache-dir -r requirements.txt
COPY presenter presenter
COPY assets assets
COPY checkpoints checkpoints
COPY app.py ./
# In place, as assets/ and checkpoints/ are looked for beside the package.
RUN pip install --no-cache-dir --no-deps --editable . && presenter checkpoints fetch faces \
    && mkdir /data && chown presenter /data
USER presenter
ENV PRESENTER_HOME=/data PRESENTER_HOST=0.0.0.0
VOLUME /data
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz')"
CMD ["presenter", "serve"]
