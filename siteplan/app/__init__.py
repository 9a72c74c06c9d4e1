"""The Streamlit app: a pure state, one module that touches the session, pages that only draw."""
