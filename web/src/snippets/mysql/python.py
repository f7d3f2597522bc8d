# pip install sqlalchemy pymysql cryptography
from sqlalchemy import create_engine, text

engine = create_engine("$python-uri", pool_pre_ping=True)
with engine.connect() as connection:
    print(connection.execute(text("SELECT CURRENT_USER()")).scalar())
